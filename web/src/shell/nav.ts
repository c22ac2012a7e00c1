import {
  ArrowLeftRight,
  BookOpenText,
  Boxes,
  Building2,
  CalendarClock,
  CalendarRange,
  ChartNoAxesCombined,
  ClipboardList,
  Coins,
  FileText,
  Gauge,
  Handshake,
  Hourglass,
  House,
  Inbox,
  KeyRound,
  Landmark,
  ListTree,
  type LucideIcon,
  MapPin,
  NotebookText,
  PackageCheck,
  Package,
  PackageOpen,
  Percent,
  PiggyBank,
  Receipt,
  Ruler,
  Scale,
  ScrollText,
  ShoppingCart,
  SquareTerminal,
  Users,
  Wallet,
  Warehouse,
  Webhook,
  UserCog,
  Workflow,
} from "lucide-react";
import { useMemo } from "react";
import { useMay } from "@/api/permissions";

export interface NavItem {
  readonly href: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** Without it the page has nothing to show, so that it is not offered. */
  readonly permission?: string;
  readonly words?: string;
}

export interface NavGroup {
  readonly label: string | null;
  readonly items: readonly NavItem[];
}

const NAVIGATION: readonly NavGroup[] = [
  {
    label: null,
    items: [
      { href: "/", label: "Home", icon: House },
      { href: "/approvals/", label: "Approvals", icon: Inbox, words: "tasks inbox" },
    ],
  },
  {
    label: "Procurement",
    items: [
      { href: "/procurement/requisitions/", label: "Requisitions", icon: ClipboardList, permission: "procurement.requisition.read" },
      { href: "/procurement/purchase-orders/", label: "Purchase orders", icon: ShoppingCart, permission: "procurement.purchase_order.read" },
      { href: "/procurement/goods-receipts/", label: "Goods receipts", icon: PackageCheck, permission: "procurement.goods_receipt.read" },
    ],
  },
  {
    label: "Billing",
    items: [
      { href: "/billing/supplier-invoices/", label: "Supplier invoices", icon: FileText, permission: "billing.supplier_invoice.read", words: "bills payables" },
      { href: "/billing/payments/", label: "Payments", icon: Wallet, permission: "billing.payment.read" },
      { href: "/billing/bank/", label: "Bank and payments", icon: Landmark, permission: "ledger.bank_account.read", words: "cash to pay next" },
      { href: "/billing/open-items/", label: "Open items", icon: ScrollText, permission: "billing.open_item.read", words: "payables receivables due" },
    ],
  },
  {
    label: "Ledger",
    items: [
      { href: "/ledger/budgets/", label: "Budgets", icon: PiggyBank, permission: "ledger.budget.read" },
      { href: "/ledger/journal-entries/", label: "Journal entries", icon: BookOpenText, permission: "ledger.journal_entry.read" },
      { href: "/ledger/accounts/", label: "Accounts", icon: ListTree, permission: "ledger.account.read", words: "chart of accounts" },
      { href: "/ledger/periods/", label: "Periods", icon: CalendarRange, permission: "ledger.period.read", words: "fiscal years close" },
      { href: "/ledger/posting-rules/", label: "Posting rules", icon: Workflow, permission: "ledger.posting_rule.read", words: "account roles determination" },
      { href: "/ledger/bank-accounts/", label: "Bank accounts", icon: Landmark, permission: "ledger.bank_account.read" },
    ],
  },
  {
    label: "Inventory",
    items: [
      { href: "/inventory/stock/", label: "Stock", icon: Boxes, permission: "inventory.stock.read", words: "on hand available" },
      { href: "/inventory/moves/", label: "Stock moves", icon: ArrowLeftRight, permission: "inventory.move.read", words: "inventory movements" },
    ],
  },
  {
    label: "Reports",
    items: [
      { href: "/ledger/trial-balance/", label: "Trial balance", icon: Scale, permission: "ledger.trial_balance.read", words: "accounts balances" },
      { href: "/ledger/account/", label: "General ledger", icon: NotebookText, permission: "ledger.general_ledger.read", words: "account postings" },
      { href: "/ledger/balance-sheet/", label: "Balance sheet", icon: Receipt, permission: "ledger.balance_sheet.read", words: "assets liabilities equity" },
      { href: "/ledger/profit-and-loss/", label: "Profit and loss", icon: ChartNoAxesCombined, permission: "ledger.profit_and_loss.read", words: "income statement expenses" },
      { href: "/ledger/budget-vs-actual/", label: "Budget and actual", icon: Gauge, permission: "ledger.budget_vs_actual.read", words: "burn remaining" },
      { href: "/procurement/commitments/", label: "Commitments", icon: Handshake, permission: "procurement.purchase_order.read", words: "encumbrances" },
      { href: "/procurement/grni/", label: "Received, not invoiced", icon: PackageOpen, permission: "procurement.goods_receipt.read", words: "grni accruals" },
      { href: "/billing/aging/", label: "Ageing", icon: Hourglass, permission: "billing.open_item.read", words: "aging overdue payables" },
      { href: "/inventory/valuation/", label: "Stock valuation", icon: Warehouse, permission: "inventory.valuation.read", words: "fifo average inventory value" },
    ],
  },
  {
    label: "Master data",
    items: [
      { href: "/parties/", label: "Suppliers and parties", icon: Users, permission: "parties.party.read", words: "customers vendors" },
      { href: "/items/", label: "Items", icon: Package, permission: "catalog.item.read", words: "products catalog" },
      { href: "/units/", label: "Units", icon: Ruler, permission: "catalog.unit.read", words: "measure pieces" },
      { href: "/inventory/locations/", label: "Locations", icon: MapPin, permission: "inventory.location.read", words: "warehouses shelves" },
      { href: "/tax-codes/", label: "Tax codes", icon: Percent, permission: "ledger.tax_code.read", words: "vat rates" },
      { href: "/payment-terms/", label: "Payment terms", icon: CalendarClock, permission: "parties.payment_terms.read", words: "due days" },
      { href: "/ledger/exchange-rates/", label: "Exchange rates", icon: Coins, permission: "ledger.exchange_rate.read", words: "currencies" },
    ],
  },
  {
    label: "Settings",
    items: [
      { href: "/settings/members/", label: "Members", icon: UserCog, permission: "access.member.read", words: "invite users" },
      { href: "/settings/roles/", label: "Roles", icon: KeyRound, permission: "access.role.read", words: "permissions" },
      { href: "/settings/api-keys/", label: "API keys", icon: SquareTerminal, permission: "access.api_key.read", words: "machines programs tokens" },
      { href: "/settings/webhooks/", label: "Webhooks", icon: Webhook, permission: "webhooks.endpoint.read", words: "deliveries endpoints" },
      { href: "/settings/organization/", label: "Organization", icon: Building2, permission: "platform.company.read", words: "companies" },
    ],
  },
];

/** The pages that I may see. */
export function useNavigation(): readonly NavGroup[] {
  const may = useMay();
  return useMemo(() => {
    const open = ({ permission }: NavItem) => permission === undefined || may(permission);
    return NAVIGATION.map((group) => ({ ...group, items: group.items.filter(open) })).filter((group) => group.items.length > 0);
  }, [may]);
}
