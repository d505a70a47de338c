"""Components as tags: leaves render a template of templates/components/, those with a body wrap it."""

from typing import Any

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from portal.states import look_of, word_of

register = template.Library()

FLASH_KINDS = {"success": "good", "warning": "warn", "error": "bad"}


@register.inclusion_tag("components/icon.html")
def icon(name: str) -> dict[str, Any]:
    """`{% icon "key" %}`: a symbol of static/icons/sprite.svg, for the eye alone; words stand beside it."""
    return {"name": name}


@register.inclusion_tag("components/badge.html")
def status(state: str, word: str = "") -> dict[str, Any]:
    """`{% status key.status %}`: the look of portal/states.py."""
    look = look_of(state)
    return {"kind": look.kind, "icon": look.icon, "word": word or word_of(state)}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """`{% field form.name %}`: label, control, help and errors."""
    return {"field": bound}


@register.inclusion_tag("components/choices.html")
def choices(bound: BoundField) -> dict[str, Any]:
    """`{% choices form.scopes %}`: boxes to tick or one to choose, with their legend, help and errors."""
    return {"field": bound}


@register.inclusion_tag("components/tick.html")
def tick(bound: BoundField) -> dict[str, Any]:
    """`{% tick form.velocity_freeze %}`: one box, with its label, help and errors."""
    return {"field": bound}


@register.filter
def flash_kind(level: str) -> str:
    """The kind of banner for a level of django.contrib.messages."""
    return FLASH_KINDS.get(level.rsplit(maxsplit=1)[-1] if level else "", "info")


@register.simple_block_tag
def banner(content: str, kind: str = "info", title: str = "") -> SafeString:
    """`{% banner "warn" "Title" %}…{% endbanner %}`; kinds: info, good, warn, bad."""
    return render_to_string("components/banner.html", {"body": content, "kind": kind, "title": title})


@register.simple_block_tag
def card(content: str, title: str = "", css: str = "") -> SafeString:
    """`{% card "Title" %}…{% endcard %}`"""
    return render_to_string("components/card.html", {"body": content, "title": title, "class": css})


@register.simple_block_tag
def empty(content: str, symbol: str, title: str, text: str) -> SafeString:
    """`{% empty "key" "No keys yet" "One sentence." %}the action{% endempty %}`"""
    context = {"body": content, "icon": symbol, "title": title, "text": text}
    return render_to_string("components/empty.html", context)


@register.simple_block_tag
def dialog(content: str, id_: str, title: str) -> SafeString:
    """`{% dialog "revoke" "Title" %}…{% enddialog %}`, opened by `<a href="…" data-dialog="revoke">`."""
    return render_to_string("components/dialog.html", {"body": content, "id": id_, "title": title})
