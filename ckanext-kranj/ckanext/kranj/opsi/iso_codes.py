"""Our code lists as those of ISO 19139 and INSPIRE."""

from __future__ import annotations

FREQUENCIES = {
    "CONT": "continual", "UPDATE_CONT": "continual", "DAILY": "daily", "WEEKLY": "weekly", "BIWEEKLY": "fortnightly",
    "MONTHLY": "monthly", "QUARTERLY": "quarterly", "ANNUAL_2": "biannually", "ANNUAL": "annually",
    "AS_NEEDED": "asNeeded", "IRREG": "irregular", "NOT_PLANNED": "notPlanned", "NEVER": "notPlanned",
}  # fmt: skip
"""EU frequency -> MD_MaintenanceFrequencyCode; what is not here is ``unknown``."""
TOPICS = {
    "AGRI": "farming", "ECON": "economy", "EDUC": "society", "ENER": "utilitiesCommunication", "ENVI": "environment",
    "GOVE": "boundaries", "HEAL": "health", "JUST": "society", "REGI": "planningCadastre", "SOCI": "society",
    "TECH": "geoscientificInformation", "TRAN": "transportation", "INTR": "society",
}  # fmt: skip
"""EU theme -> ISO topic category."""
PROTOCOLS = {"WMS_SRVC": "OGC:WMS", "WFS_SRVC": "OGC:WFS", "WMTS_SRVC": "OGC:WMTS", "WCS_SRVC": "OGC:WCS"}
STATUS = {"v-pripravi": "underDevelopment", "v-uporabi": "onGoing", "ukinjen": "historicalArchive"}
LIMITS = {
    "javno": "noLimitations", "interno-poslovno": "INSPIRE_Directive_Article13_1a",
    "osebni-podatki": "INSPIRE_Directive_Article13_1f", "posebne-vrste-op": "INSPIRE_Directive_Article13_1f",
    "poslovna-skrivnost": "INSPIRE_Directive_Article13_1d", "davcna-statisticna": "INSPIRE_Directive_Article13_1d",
    "ztp-interno": "INSPIRE_Directive_Article13_1b", "ztp-zaupno": "INSPIRE_Directive_Article13_1b",
}  # fmt: skip
"""Secrecy -> LimitationsOnPublicAccess of INSPIRE: which point of Article 13(1) of Directive 2007/2/EC allows it."""
