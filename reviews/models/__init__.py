"""The review models, one noun a file."""

from reviews.models.methodology import Criterion, Methodology, MethodologyVersion, Weight
from reviews.models.ranking import Compensation, Ranking, RankingEntry, RankingRejection
from reviews.models.review import Acquisition, Badge, Review, TestRecord
from reviews.models.score import EvidenceKind, Score

__all__ = [
    "Acquisition",
    "Badge",
    "Compensation",
    "Criterion",
    "EvidenceKind",
    "Methodology",
    "MethodologyVersion",
    "Ranking",
    "RankingEntry",
    "RankingRejection",
    "Review",
    "Score",
    "TestRecord",
    "Weight",
]
