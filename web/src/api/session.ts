import type { Organization, Session, User } from "./types";

/**
 * Who is signed in, in memory only: a reload asks for a new access token with the HttpOnly refresh cookie. The slug of
 * the organization is kept per tab, so that two tabs can work in two organizations with one cookie.
 */
interface State {
  readonly token: string | null;
  readonly user: User | null;
  readonly organization: Organization | null;
}

const TAB_ORGANIZATION = "bizcore.organization";
const nobody: State = { token: null, user: null, organization: null };

let state = nobody;
const listeners = new Set<() => void>();

function set(next: State): void {
  state = next;
  for (const listener of listeners) listener();
}

export const session = {
  get: (): State => state,
  initial: (): State => nobody,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  enter(answer: Session): void {
    sessionStorage.setItem(TAB_ORGANIZATION, answer.organization.slug);
    set({ token: answer.access_token, user: answer.user, organization: answer.organization });
  },
  leave(): void {
    set(nobody);
  },
  forget(): void {
    sessionStorage.removeItem(TAB_ORGANIZATION);
    set(nobody);
  },
  tabOrganization: (): string | null => sessionStorage.getItem(TAB_ORGANIZATION),
};
