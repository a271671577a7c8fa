"""The whole site as readers get it, asked every rule: manage.py audit_site, the nightly run, the admin's home."""
