"""What screens are made of: pages, forms, cells, lists, workbooks, templates, static files, headers, error pages.

Records and declarations enter, HTML, JSON or a download leaves. It decides nothing about a record.
"""
