"""The editorial models, one noun a file."""

from crampinfo.editorial.models.acknowledgement import Acknowledgement
from crampinfo.editorial.models.appendonly import AppendOnly, AppendOnlyQuerySet
from crampinfo.editorial.models.autosave import Autosave
from crampinfo.editorial.models.disclosure import AuthorisedClaim, Disclosure, DisclosureKind
from crampinfo.editorial.models.expertreading import Decision, ExpertReading
from crampinfo.editorial.models.fieldnote import FieldNote
from crampinfo.editorial.models.followed import Followed, FollowedQuerySet
from crampinfo.editorial.models.handover import THROWN_AWAY, Handover
from crampinfo.editorial.models.internallink import InternalLink
from crampinfo.editorial.models.ledger import LedgerEntry
from crampinfo.editorial.models.people import Author, Credential, MedicalReview
from crampinfo.editorial.models.picture import Picture
from crampinfo.editorial.models.publishable import Publishable, PublishableQuerySet, State
from crampinfo.editorial.models.reference import Certainty, Citation, Design, Direction, Reference, ReferenceOutcome
from crampinfo.editorial.models.revision import Revision
from crampinfo.editorial.models.topic import Evidence, Topic
from crampinfo.editorial.models.workingcopy import CopyState, WorkingCopy

__all__ = [
    "THROWN_AWAY",
    "Acknowledgement",
    "AppendOnly",
    "AppendOnlyQuerySet",
    "AuthorisedClaim",
    "Author",
    "Autosave",
    "Certainty",
    "Citation",
    "CopyState",
    "Credential",
    "Decision",
    "Design",
    "Direction",
    "Disclosure",
    "DisclosureKind",
    "Evidence",
    "ExpertReading",
    "FieldNote",
    "Followed",
    "FollowedQuerySet",
    "Handover",
    "InternalLink",
    "LedgerEntry",
    "MedicalReview",
    "Picture",
    "Publishable",
    "PublishableQuerySet",
    "Reference",
    "ReferenceOutcome",
    "Revision",
    "State",
    "Topic",
    "WorkingCopy",
]
