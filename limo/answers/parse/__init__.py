"""The text of an answer → what it says: spelling, then tokens, then expressions and their structure."""
