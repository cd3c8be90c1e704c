"""The doors to the figures: the coordinators' desk, the interface for other systems, and who may use that."""

from __future__ import annotations

from webapp.statistics.views import api, desk, tokens

BLUEPRINTS = (desk.blueprint, tokens.blueprint, api.blueprint)
