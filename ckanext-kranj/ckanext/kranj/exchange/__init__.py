"""Descriptions as tables, in and out: Excel, CSV, the exports that the law asks for, the check for suppliers."""
