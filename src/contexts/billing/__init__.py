"""Billing: supplier invoices, their match with order and receipt, and payments."""
