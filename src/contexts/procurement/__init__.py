"""Procurement: requisition, purchase order, goods receipt."""
