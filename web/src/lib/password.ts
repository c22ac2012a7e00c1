/** As many characters as the server asks of a password. */
export const PASSWORD_LENGTH = 8;
export const PASSWORD_HINT = `At least ${PASSWORD_LENGTH} characters`;
