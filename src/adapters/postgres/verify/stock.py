"""Stock: nothing below zero, no layer overdrawn, values that equal the moves, the layers and the books."""

from typing import Final

_BELOW_ZERO: Final = """
SELECT format('Item %s at location %s has %s on hand.', i.sku, l.code, trim_scale(s.quantity))
FROM (SELECT item_id, location_id, sum(quantity) AS quantity
      FROM (SELECT item_id, to_location_id AS location_id, quantity FROM inventory.move
            UNION ALL SELECT item_id, from_location_id, -quantity FROM inventory.move) m
      WHERE location_id IS NOT NULL GROUP BY 1, 2) s
JOIN catalog.item i ON i.id = s.item_id JOIN inventory.location l ON l.id = s.location_id
WHERE s.quantity < 0 ORDER BY i.sku, l.code"""

_OVERDRAWN: Final = """
SELECT format('Of the layer of item %s received on %s, %s and %s remain: less than nothing, or value without goods.',
              i.sku, s.effective_on, trim_scale(s.quantity), platform.amount_text(s.value, c.currency))
FROM (SELECT l.id, l.item_id, l.company_id, l.effective_on, l.quantity - coalesce(sum(u.quantity), 0) AS quantity,
             l.value_minor - coalesce(sum(u.value_minor), 0) AS value
      FROM inventory.layer l LEFT JOIN inventory.consumption u ON u.layer_id = l.id GROUP BY l.id) s
JOIN catalog.item i ON i.id = s.item_id JOIN platform.company c ON c.id = s.company_id
WHERE s.quantity < 0 OR (s.quantity = 0 AND s.value <> 0 AND i.valuation <> 'average') ORDER BY i.sku, s.id"""

_LAYERS: Final = """
    SELECT company_id, item_id, sum(quantity) AS quantity, sum(value_minor) AS value
    FROM (SELECT company_id, item_id, quantity, value_minor FROM inventory.layer
          UNION ALL SELECT company_id, item_id, -quantity, -value_minor FROM inventory.consumption) l
    GROUP BY 1, 2"""

_MOVES_AND_LAYERS: Final = f"""
SELECT format('Item %s: moves say %s worth %s, layers %s worth %s.', i.sku,
              trim_scale(coalesce(m.quantity, 0)), platform.amount_text(coalesce(m.value, 0), c.currency),
              trim_scale(coalesce(l.quantity, 0)), platform.amount_text(coalesce(l.value, 0), c.currency))
FROM (SELECT company_id, item_id, sum(sign * quantity) AS quantity, sum(sign * value_minor) AS value
      FROM (SELECT *, (from_location_id IS NULL)::int - (to_location_id IS NULL)::int AS sign
            FROM inventory.move) m GROUP BY 1, 2) m
FULL JOIN ({_LAYERS}) l USING (company_id, item_id)
JOIN catalog.item i ON i.id = item_id JOIN platform.company c ON c.id = company_id
WHERE (coalesce(m.quantity, 0), coalesce(m.value, 0)) <> (coalesce(l.quantity, 0), coalesce(l.value, 0))
   OR (l.quantity = 0 AND l.value <> 0)
ORDER BY i.sku"""

_BOOKS_AND_LAYERS: Final = f"""
SELECT format('Company %s: its stock is worth %s, its inventory accounts say %s.', c.code,
              platform.amount_text(coalesce(l.value, 0), c.currency),
              platform.amount_text(coalesce(p.value, 0), c.currency))
FROM platform.company c
LEFT JOIN (SELECT company_id, sum(value) AS value FROM ({_LAYERS}) l GROUP BY 1) l ON l.company_id = c.id
LEFT JOIN (SELECT p.company_id, sum(p.company_amount_minor) AS value
           FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id
           WHERE p.book = 'actual' AND a.control = 'inventory' GROUP BY 1) p ON p.company_id = c.id
WHERE coalesce(l.value, 0) <> coalesce(p.value, 0) ORDER BY c.code"""

STOCK: Final = (_BELOW_ZERO, _OVERDRAWN, _MOVES_AND_LAYERS, _BOOKS_AND_LAYERS)
