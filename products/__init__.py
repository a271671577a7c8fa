"""Facts and money: catalogue, merchants, offers, slots, placements, clicks (layer 3)."""
