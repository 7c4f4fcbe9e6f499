"""What a description is: the mandated metadata standard of the city, without CKAN.

Public names only; everybody imports from here. ``schemas`` imports no other part of the product.
"""

from schemas.dictionary import validate_columns
from schemas.fields import (
    Field,
    column_fields,
    dataset_fields,
    field_named,
    internal_fields,
    resource_fields,
    series_fields,
    system_fields,
)
from schemas.inheritance import Completed, complete, complete_internal, inherit_internal, without_derived, without_empty
from schemas.problem import Problem, texts
from schemas.record import NAMESPACE, Record, Source, dataset_id, resource_id
from schemas.systems import complete_entry, complete_system, validate_entry, validate_system
from schemas.validation import ACCEPTED_DATASET_KEYS, ACCEPTED_RESOURCE_KEYS, shape_problems, validate
from schemas.vocabulary import Vocabulary, vocabularies, vocabulary

__all__ = [
    "ACCEPTED_DATASET_KEYS",
    "ACCEPTED_RESOURCE_KEYS",
    "NAMESPACE",
    "Completed",
    "Field",
    "Problem",
    "Record",
    "Source",
    "Vocabulary",
    "column_fields",
    "complete",
    "complete_entry",
    "complete_internal",
    "complete_system",
    "dataset_fields",
    "dataset_id",
    "field_named",
    "inherit_internal",
    "internal_fields",
    "resource_fields",
    "resource_id",
    "series_fields",
    "shape_problems",
    "system_fields",
    "texts",
    "validate",
    "validate_columns",
    "validate_entry",
    "validate_system",
    "vocabularies",
    "vocabulary",
    "without_derived",
    "without_empty",
]
