"""The report for people: one file, no network."""

from reports.html.page import render_html

__all__ = ["render_html"]
