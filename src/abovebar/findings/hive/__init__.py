"""How alike the answers of models are, to each other and to people's."""
