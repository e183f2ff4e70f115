"""Small models beside large ones: ladders of models, climbed on every measure."""
