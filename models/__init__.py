"""Machine-learning and vision models: everything that looks at pixels."""
