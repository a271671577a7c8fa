"""allauth's forms with our words: labels that stay, no placeholders, what phones and password managers need."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as codes
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkeys
from django.core.exceptions import ValidationError
from django.forms import CheckboxInput
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What allauth and the library below it let through when an answer is not made as browsers make it.
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, struct.error)
_CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}


class _Ours:
    """Mixed into a form: our labels, help and attributes by field."""

    labels: Mapping[str, str | Promise] = {}
    helps: Mapping[str, str | Promise] = {}
    attributes: Mapping[str, Mapping[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields  # type: ignore[attr-defined]
        for name, field in fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, field.help_text)
            field.widget.attrs.pop("placeholder", None)
            if not isinstance(field.widget, CheckboxInput):
                field.widget.attrs["class"] = "input"
            field.widget.attrs.update(self.attributes.get(name, {}))


class SignIn(_Ours, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """User name and password."""

    labels = {"login": _("User name"), "password": _("Password")}
    helps = {"password": ""}
    attributes = {"login": {"autocapitalize": "none", "spellcheck": "false"}}


class ConfirmPassword(_Ours, account.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The password once more, before sign-in is changed."""

    labels = {"password": _("Your password")}
    helps = {"password": ""}


class ChangePassword(_Ours, account.ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """The old password and the new one, twice."""

    labels = {"oldpassword": _("Your password now"), "password1": _("New password"), "password2": _("And once more")}
    helps = {"oldpassword": ""}


class SetPassword(_Ours, account.SetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """A first password for an account without one."""

    labels = {"password1": _("New password"), "password2": _("And once more")}


class _Code(_Ours):
    labels = {"code": _("Code")}
    helps = {"code": _("The six digits that your app shows now, or one of your recovery codes.")}
    attributes = {"code": _CODE}


class TypeCode(_Code, codes.AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The second step of signing in."""


class ConfirmCode(_Code, codes.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code before sign-in is changed."""


class SetUpApp(_Code, totp.ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """The first code of an app."""

    helps = {"code": _("The six digits that the app shows for CrampInfo.")}

    @property
    def secret_in_fours(self) -> str:
        """As people type it; apps take it with or without the spaces."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))

    def clean_code(self) -> Any:
        """A recovery code is no help here."""
        try:
            return super().clean_code()
        except ValidationError as error:
            if error.code != "incorrect_code":
                raise
            raise ValidationError(
                _("This is not the code for this secret. Type the six digits that the app shows now for CrampInfo."),
                code=error.code,
            ) from error


class _Passkey(_Ours):
    """A browser's answer; a refusal says what else there is, because nobody can mend such an answer."""

    refusal: str | Promise = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        messages = self.fields["credential"].error_messages  # type: ignore[attr-defined]
        messages["required"] = messages["invalid"] = self.refusal

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Our words for an answer that was refused, or that no browser makes; others, such as the limit, stay."""
        try:
            yield
        except ValidationError as error:
            if error.code != "incorrect_code":
                raise
            raise ValidationError(str(self.refusal), code=error.code) from error
        except _MALFORMED as error:
            raise ValidationError(str(self.refusal), code="malformed") from error

    def clean_credential(self) -> Any:
        """Where allauth checks a key that signs in."""
        with self.refusing():
            return super().clean_credential()  # type: ignore[misc]


class SignInWithPasskey(_Passkey, passkeys.LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey in place of name and password."""

    refusal = _("This passkey is not known here. Choose another one, or sign in with your user name and password.")


class UsePasskey(_Passkey, passkeys.AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey as the second step."""

    refusal = _("This passkey does not belong to this account. Choose another one, or type a code.")


class ConfirmPasskey(_Passkey, passkeys.ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey before sign-in is changed."""

    refusal = _("This passkey does not belong to this account. Choose another one, or confirm in another way.")


class AddPasskey(_Passkey, passkeys.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A new passkey and its name."""

    labels = {"name": _("Its name"), "passwordless": _("Sign in with this passkey alone")}
    helps = {
        "name": _("So that you know it again in your list: “Phone”, “Blue key”."),
        "passwordless": _("Without user name and password. It will ask for your finger, your face or a PIN."),
    }
    refusal = _("This passkey could not be added. Press “Add passkey” again, and confirm on your device.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True

    def clean_credential(self) -> Any:
        """A new key is checked together with the other fields, below."""
        return self.cleaned_data["credential"]

    def clean(self) -> Any:
        """Where allauth checks a new key."""
        with self.refusing():
            return super().clean()


class RenamePasskey(_Ours, passkeys.EditWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """Another name for a passkey."""

    labels = {"name": _("Its name")}
