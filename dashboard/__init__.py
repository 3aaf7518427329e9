"""What operators see: a store fed over MQTT, an API and a page."""
