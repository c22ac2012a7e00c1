"""What invoices and payments compute and decide."""
