"""The command line on a business of the stage."""

from tests.flows.conftest import business, flow_stage

__all__ = ["business", "flow_stage"]
