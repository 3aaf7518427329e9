"""From a rule's alert to a message that a broker has acknowledged."""
