"""Every setting of CrampInfo, read from the environment and checked; docs/deploy.md lists the variables."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from crampinfo.lib import env, urls

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

# --- what kind of site this process serves ---------------------------------------------------------------
PRODUCTION = env.flag("PRODUCTION")
SHOWCASE = env.flag("SHOWCASE")
DEBUG = env.flag("DEBUG")
if PRODUCTION and SHOWCASE:
    raise ImproperlyConfigured("SHOWCASE shows invented products as if they were real: it is refused in production.")
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG prints secrets to strangers: it is refused in production.")

SECRET_KEY = env.secret_key(PRODUCTION, VAR_DIR)
SITE_NAME = env.text("SITE_NAME", "CrampInfo")
SITE_URL = env.address("SITE_URL", "" if PRODUCTION else "http://127.0.0.1:8000", https_only=PRODUCTION)
SITE_HOST = SITE_URL.split("://", 1)[1]
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", (urls.host_of(SITE_URL),) if PRODUCTION else ("127.0.0.1", "localhost"))

# --- the money rules (product.md, "Two kinds of list" and "The formulas") --------------------------------
MARKETS = env.choices("MARKETS", ("EU", "US"), ("US", "EU", "GB"))
ALLOW_INFLUENCED_LISTS = env.flag("ALLOW_INFLUENCED_LISTS")
SCORE_ADJUSTMENT_CAP = env.decimal("SCORE_ADJUSTMENT_CAP", "0", "0", "2", places=1)
SINGLE_OPERATOR = env.flag("SINGLE_OPERATOR")
CLICK_FILTER_CRAWLERS = env.flag("CLICK_FILTER_CRAWLERS", default=True)

TESTING = False  # the test suite turns it on: what is only logged elsewhere raises there

# Addresses inside our own network are never fetched; tests play merchants on loopback.
FETCH_ALLOWS_LOOPBACK = False

# --- application -----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "crampinfo.editorial",
    "products",
    "reviews",
    "articles",
    "crampinfo.site",
    "modelsearch",
    "django_prose_editor",
    "health_check",
    "csp",
    "huey.contrib.djhuey",
    "crampinfo.site.adminapp.CrampInfoAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.redirects",
    "django.contrib.sites",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
SITE_ID = 1
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "crampinfo.site.security.RefuseNonsense",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crampinfo.site.moved.LeadToMovedPages",
    "django.middleware.http.ConditionalGetMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crampinfo.site.actors.PutDownTheRole",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "crampinfo.site.signin.door.Door",
    "crampinfo.site.separation.Watch",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "crampinfo.urls"
WSGI_APPLICATION = "crampinfo.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            # Each template once a language, with its fixed words in it.
            "loaders": [
                (
                    "crampinfo.lib.wording.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                # Both are lazy: a public page that asks for neither stays free of session and cookie.
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crampinfo.site.context.site",
            ],
            "builtins": [
                *("django.templatetags.i18n", "django.templatetags.static"),
                *("crampinfo.lib.wording", "crampinfo.lib.pieces"),
            ],
        },
    }
]

# --- data ------------------------------------------------------------------------------------------------
DATABASES = {"default": env.database(VAR_DIR / "crampinfo.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.redis("REDIS_URL")
CACHES: dict[str, dict[str, object]] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        # Limits on sign-in must be shared by all processes, so the embedded default is a table, not memory.
        else {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "site_cache",
            # Of 300, the default, somebody who tries many names would soon push the counts of attempts out.
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    )
}
# How long a finished page may be answered from memory; 0 turns it off. A saved change shows within a second, and what
# changes by the clock at its moment: this bounds what nobody told, such as a row changed by hand in the database.
PAGE_CACHE_SECONDS = env.whole("PAGE_CACHE_SECONDS", 300, 0, 3600)
# Of memory for finished pages, in each process.
PAGE_CACHE_MB = env.whole("PAGE_CACHE_MB", 16, 1, 1024)
PAGE_CACHE_PREFIX = "pages"
# Seconds for which a page may stand in for one that can't be made, in an outage.
MAX_STALE = env.whole("MAX_STALE", 86_400, 0, 30 * 86_400)
# Copies of pages without their offers, for an outage in which prices are no longer true.
SPARE_ROOT = Path(env.text("SPARE_ROOT", str(VAR_DIR / "spare")))
HUEY: dict[str, object] = {
    "name": "crampinfo",
    "immediate": False,
    **(
        {"huey_class": "huey.RedisHuey", "url": REDIS_URL}
        if REDIS_URL
        else {"huey_class": "huey.SqliteHuey", "filename": str(VAR_DIR / "huey.sqlite3")}
    ),
}
MODELSEARCH_BACKENDS = {"default": {"BACKEND": "modelsearch.backends.database", "SEARCH_CONFIG": "english"}}
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

# --- mail: notices to people who work here, sent by the worker ---------------------------------------------
# Without a server the notices are printed where the worker runs.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_SECURITY = env.choices("EMAIL_SECURITY", ("starttls",), ("starttls", "tls", "none"))[0]
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
EMAIL_PORT = env.whole("EMAIL_PORT", {"starttls": 587, "tls": 465, "none": 25}[EMAIL_SECURITY], 1, 65535)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.text("EMAIL_USER"), env.text("EMAIL_PASSWORD")
EMAIL_TIMEOUT = 20  # seconds; the worker has other things to do
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.mailbox("EMAIL_FROM", f"noreply@{urls.host_of(SITE_URL)}")

# --- language and time -----------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = env.time_zone("TIME_ZONE", "Europe/London")
USE_TZ = True

# --- files -----------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Templates name every file through the manifest, so the names without a hash and the source maps need no compressing.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
MAX_PICTURE_PIXELS = 40_000_000
MAX_CONTENT_FILE_BYTES = 2 * 1024 * 1024

# --- safety ----------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # The nonce enters the header only where a page asks for one: the admin's forms, for the editor's import map.
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # No other name of this domain can set cookies of these names.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- sign-in of staff (crampinfo/site/signin): nobody signs up, it sends no mail ----------------------------
REQUIRE_SECOND_FACTOR = env.flag("REQUIRE_SECOND_FACTOR", default=PRODUCTION)
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "account_login", "admin:index", "account_login"
CSRF_FAILURE_VIEW = "crampinfo.site.signin.views.token_refused"
ACCOUNT_ADAPTER = "crampinfo.site.signin.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True  # for SESSION_COOKIE_AGE, as after a sign-in with a passkey
# Counted in the cache, for all processes together. Errors: by address, and by account whether it exists or not.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
# Of the addresses in X-Forwarded-For the one that the outermost proxy of ours wrote counts; others can be invented.
ALLAUTH_TRUSTED_PROXY_COUNT = env.whole("PROXY_COUNT", 1 if PRODUCTION else 0, 0, 5)
MFA_ADAPTER = "crampinfo.site.signin.adapters.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # no address is ever confirmed here
MFA_TOTP_ISSUER = SITE_NAME
ACCOUNT_FORMS = {
    "login": "crampinfo.site.signin.forms.SignIn",
    "reauthenticate": "crampinfo.site.signin.forms.ConfirmPassword",
    "change_password": "crampinfo.site.signin.forms.ChangePassword",
    "set_password": "crampinfo.site.signin.forms.SetPassword",
}
MFA_FORMS = {
    "authenticate": "crampinfo.site.signin.forms.TypeCode",
    "reauthenticate": "crampinfo.site.signin.forms.ConfirmCode",
    "activate_totp": "crampinfo.site.signin.forms.SetUpApp",
    "login_webauthn": "crampinfo.site.signin.forms.SignInWithPasskey",
    "authenticate_webauthn": "crampinfo.site.signin.forms.UsePasskey",
    "reauthenticate_webauthn": "crampinfo.site.signin.forms.ConfirmPasskey",
    "add_webauthn": "crampinfo.site.signin.forms.AddPasskey",
    "edit_webauthn": "crampinfo.site.signin.forms.RenamePasskey",
}

# --- logs: no address, no user agent, nothing about a reader -----------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "nothing": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    # Two lines for every saved text would drown what matters.
    # A scanner that guesses host names would write a traceback a guess.
    "loggers": {
        "django_tasks": {"level": "WARNING"},
        "django.security.DisallowedHost": {"handlers": ["nothing"], "propagate": False},
    },
}
