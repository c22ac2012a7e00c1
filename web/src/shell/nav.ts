import {
  ArrowLeftRight,
  BookOpenText,
  Boxes,
  Building2,
  CalendarRange,
  ChartNoAxesCombined,
  ClipboardList,
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
  PackageCheck,
  Package,
  PackageOpen,
  PiggyBank,
  Receipt,
  Scale,
  ScrollText,
  ShoppingCart,
  SquareTerminal,
  Users,
  Wallet,
  Warehouse,
  Webhook,
  UserCog,
} from "lucide-react";

export interface NavItem {
  readonly href: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly words?: string;
}

export interface NavGroup {
  readonly label: string | null;
  readonly items: readonly NavItem[];
}

export const NAVIGATION: readonly NavGroup[] = [
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
      { href: "/procurement/requisitions/", label: "Requisitions", icon: ClipboardList },
      { href: "/procurement/purchase-orders/", label: "Purchase orders", icon: ShoppingCart },
      { href: "/procurement/goods-receipts/", label: "Goods receipts", icon: PackageCheck },
    ],
  },
  {
    label: "Billing",
    items: [
      { href: "/billing/supplier-invoices/", label: "Supplier invoices", icon: FileText, words: "bills payables" },
      { href: "/billing/payments/", label: "Payments", icon: Wallet },
      { href: "/billing/bank/", label: "Bank and payments", icon: Landmark, words: "cash to pay next" },
      { href: "/billing/open-items/", label: "Open items", icon: ScrollText, words: "payables receivables due" },
    ],
  },
  {
    label: "Ledger",
    items: [
      { href: "/ledger/budgets/", label: "Budgets", icon: PiggyBank },
      { href: "/ledger/journal-entries/", label: "Journal entries", icon: BookOpenText },
      { href: "/ledger/accounts/", label: "Accounts", icon: ListTree, words: "chart of accounts" },
      { href: "/ledger/periods/", label: "Periods", icon: CalendarRange, words: "fiscal years close" },
      { href: "/ledger/bank-accounts/", label: "Bank accounts", icon: Landmark },
    ],
  },
  {
    label: "Inventory",
    items: [
      { href: "/inventory/stock/", label: "Stock", icon: Boxes, words: "on hand available" },
      { href: "/inventory/moves/", label: "Stock moves", icon: ArrowLeftRight, words: "inventory movements" },
    ],
  },
  {
    label: "Reports",
    items: [
      { href: "/ledger/trial-balance/", label: "Trial balance", icon: Scale, words: "general ledger" },
      { href: "/ledger/balance-sheet/", label: "Balance sheet", icon: Receipt, words: "assets liabilities equity" },
      { href: "/ledger/profit-and-loss/", label: "Profit and loss", icon: ChartNoAxesCombined, words: "income statement expenses" },
      { href: "/ledger/budget-vs-actual/", label: "Budget and actual", icon: Gauge, words: "burn remaining" },
      { href: "/procurement/commitments/", label: "Commitments", icon: Handshake, words: "encumbrances" },
      { href: "/procurement/grni/", label: "Received, not invoiced", icon: PackageOpen, words: "grni accruals" },
      { href: "/billing/aging/", label: "Ageing", icon: Hourglass, words: "aging overdue payables" },
      { href: "/inventory/valuation/", label: "Stock valuation", icon: Warehouse, words: "fifo average inventory value" },
    ],
  },
  {
    label: "Master data",
    items: [
      { href: "/parties/", label: "Suppliers and parties", icon: Users, words: "customers vendors" },
      { href: "/items/", label: "Items", icon: Package, words: "products catalog" },
    ],
  },
  {
    label: "Settings",
    items: [
      { href: "/settings/members/", label: "Members", icon: UserCog, words: "invite users" },
      { href: "/settings/roles/", label: "Roles", icon: KeyRound, words: "permissions" },
      { href: "/settings/api-keys/", label: "API keys", icon: SquareTerminal, words: "machines programs tokens" },
      { href: "/settings/webhooks/", label: "Webhooks", icon: Webhook, words: "deliveries endpoints" },
      { href: "/settings/organization/", label: "Organization", icon: Building2, words: "companies" },
    ],
  },
];
