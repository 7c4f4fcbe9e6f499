"""The actions of the plugin ``kranj``, as CKAN's blanket looks for them."""

from collections.abc import Callable
from typing import Any

import ckan.plugins as p

from ckanext.kranj.access import actions, existence, listings
from ckanext.kranj.approval import actions as approval
from ckanext.kranj.approval import sources
from ckanext.kranj.audit import actions as audit
from ckanext.kranj.catalogue import actions as catalogue
from ckanext.kranj.catalogue import adopt, heirs, report
from ckanext.kranj.catalogue.dictionary import actions as dictionary
from ckanext.kranj.catalogue.systems import actions as systems
from ckanext.kranj.login import tokens
from ckanext.kranj.request import actions as request
from ckanext.kranj.retention import actions as retention

OWN = (
    actions.bulk_update_delete,
    actions.bulk_update_private,
    actions.bulk_update_public,
    actions.follow_dataset,
    actions.package_delete,
    actions.package_search,
    actions.package_show,
    tokens.api_token_list,
    listings.current_package_list_with_resources,
    listings.dataset_followee_count,
    listings.dataset_followee_list,
    listings.format_autocomplete,
    listings.member_list,
    listings.organization_list,
    listings.organization_show,
    listings.package_list,
    listings.resource_search,
    listings.tag_autocomplete,
    listings.tag_list,
    listings.tag_search,
    listings.tag_show,
    approval.kranj_approval_decide,
    approval.kranj_approval_list,
    approval.kranj_approval_request,
    approval.kranj_level_preview,
    sources.kranj_source_approval_list,
    sources.kranj_source_approve,
    audit.kranj_audit_list,
    request.kranj_access_request_create,
    request.kranj_access_request_decide,
    request.kranj_access_request_list,
    retention.kranj_retention_confirm,
    retention.kranj_retention_done,
    retention.kranj_retention_event,
    retention.kranj_retention_hold,
    retention.kranj_retention_list,
    retention.kranj_retention_propose,
    retention.kranj_retention_show,
    catalogue.dataset_purge,
    catalogue.kranj_internal_history,
    catalogue.kranj_internal_show,
    catalogue.kranj_internal_update,
    catalogue.package_create,
    catalogue.package_update,
    adopt.kranj_defaults_adopt,
    heirs.kranj_heirs_show,
    heirs.organization_update,
    report.kranj_report,
    dictionary.kranj_columns_show,
    dictionary.kranj_columns_update,
    dictionary.kranj_term_list,
    dictionary.kranj_term_update,
    systems.kranj_system_findings,
    systems.kranj_system_scorecard,
)


def get_actions() -> dict[str, Callable[..., Any]]:
    """Own and chained actions by name, each behind the question whether its record exists for the caller."""
    own = (*OWN, *sources.CHAINED) if p.plugin_loaded("harvest") else OWN
    return existence.guarded({action.__name__: action for action in own})
