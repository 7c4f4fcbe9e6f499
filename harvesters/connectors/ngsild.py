"""Context brokers in NGSI-LD (ETSI CIM 009): a dataset for each type of entity, its properties as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description, service
from harvesters.connectors.support.documents import objects, with_query
from harvesters.connectors.support.tables import Column, say_columns
from harvesters.errors import Unreadable

SPECIFICATION = "https://www.etsi.org/deliver/etsi_gs/CIM/001_099/009/"
_META = {"id", "type", "@context", "location"}

KINDS = {
    "AirQualityObserved": ("Kakovost zraka", "Air quality"),
    "OffStreetParking": ("Parkirišča izven cestišča", "Off-street parking"),
    "OnStreetParking": ("Parkirišča ob cesti", "On-street parking"),
    "CrowdFlowObserved": ("Pretok obiskovalcev", "Flow of visitors"),
    "Streetlight": ("Javna razsvetljava: svetilke", "Street lights"),
    "StreetlightGroup": ("Javna razsvetljava: skupine svetilk", "Groups of street lights"),
    "WasteContainer": ("Zabojniki za odpadke", "Waste containers"),
    "WasteContainerIsle": ("Ekološki otoki", "Waste container isles"),
    "TrafficFlowObserved": ("Pretok prometa", "Traffic flow"),
    "NoiseLevelObserved": ("Raven hrupa", "Noise level"),
    "WaterConsumptionObserved": ("Poraba vode", "Water consumption"),
    "WeatherObserved": ("Vreme", "Weather"),
}
"""What people call the types of the Smart Data Models (sl, en)."""
SENSORS = ("Observed",)


@dataclass(frozen=True)
class NgsiLdSettings(Settings):
    """What the ngsild connector can be told."""

    types: list[str] = field(default_factory=list)
    """Types to read; none: all that the broker lists."""


class NgsiLd(Connector):
    """Reads one entity of each type for its properties and units, keeps no value."""

    name = "ngsild"
    title: ClassVar[dict[str, str]] = {"sl": "Kontekst mesta (NGSI-LD)", "en": "City context (NGSI-LD)"}
    settings_class = NgsiLdSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read type by type, in the order of their names."""
        settings = cast("NgsiLdSettings", self.settings)
        root = f"{settings.url.rstrip('/')}/ngsi-ld/v1"
        for name in sorted(settings.types or self._types(ctx, root)):
            url = with_query(f"{root}/entities", type=name, limit=1)
            found = ctx.json(url)
            entities = [item for item in objects(found) if item.get("id") and item.get("type")]
            if not isinstance(found, list) or (found and not entities):
                raise Unreadable(url, "NGSI-LD", "not a list of entities")
            if entities:
                yield self._type(ctx, name.rpartition("/")[2], url.replace("&limit=1", ""), entities[0])
            else:
                yield ctx.rejected(name, "unreadable-record", reason="the broker holds no entity of this type")
        ctx.complete()

    def _types(self, ctx: Context, root: str) -> list[str]:
        found = ctx.json(f"{root}/types")
        listed = found.get("typeList") if isinstance(found, dict) else None
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            raise Unreadable(f"{root}/types", "NGSI-LD", "no typeList")
        return listed

    def _type(self, ctx: Context, name: str, url: str, entity: Mapping[str, Any]) -> Reading:
        slovene, english = KINDS.get(name, (name, name))
        made = Description(ctx, name, self.settings.default_language)
        sensor = name.endswith(SENSORS)
        made.say(title_translated={"sl": slovene, "en": english}, access_method="api",
                 dataset_kind="senzor" if sensor else "tabela")  # fmt: skip
        model = next(
            (item for item in _list(entity.get("@context")) if isinstance(item, str) and "dataModel" in item), ""
        )
        made.resource(
            name, {"sl": f"{slovene} (NGSI-LD)", "en": f"{english} (NGSI-LD)"}, url, "JSON_LD",
            conforms_to=[item for item in (SPECIFICATION, model) if item],
            access_services=service("NGSI-LD", self.settings.url, SPECIFICATION),
        )  # fmt: skip
        says = {key: value for key, value in entity.items() if key not in _META and isinstance(value, dict)}
        say_columns(
            made, [Column(key, str(value.get("unitCode") or value.get("type") or "")) for key, value in says.items()]
        )
        if sensor:
            made.say(
                measurement=[
                    {"observed_property": key, "unit": str(value.get("unitCode") or ""), "place_name": slovene}
                    for key, value in says.items()
                    if _is_number(value.get("value"))
                ]
            )
        return made.reading()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
