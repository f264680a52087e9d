"""The checks, one folder a flow; a check reads like its requirement."""
