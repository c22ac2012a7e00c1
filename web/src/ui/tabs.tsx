import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";

export interface Tab {
  readonly value: string;
  readonly label: string;
  readonly count?: number | undefined;
  readonly content: ReactNode;
}

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly value: string;
  readonly onValue: (value: string) => void;
}

export const Tabs = ({ label, tabs, value, onValue }: TabsProps) => (
  <Radix.Root value={value} onValueChange={onValue} activationMode="manual">
    <Radix.List aria-label={label} className="flex gap-4 overflow-x-auto border-b border-line px-4">
      {tabs.map((tab) => (
        <Radix.Trigger
          key={tab.value}
          value={tab.value}
          className="-mb-px border-b-2 border-transparent py-2.5 text-sm whitespace-nowrap text-muted hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink"
        >
          {tab.label}
          {tab.count ? <span className="ml-1.5 text-2xs text-faint">{tab.count}</span> : null}
        </Radix.Trigger>
      ))}
    </Radix.List>
    {tabs.map((tab) => (
      <Radix.Content key={tab.value} value={tab.value} className="p-4">
        {tab.content}
      </Radix.Content>
    ))}
  </Radix.Root>
);
