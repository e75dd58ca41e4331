export { api } from './client';
export { ApiError, toApiError, type ErrorKind, type FieldError } from './error';
export { apiBase } from './http';
export { keys } from './keys';
export { session, type Session } from './session';
export { isExpired } from './token';
export { mailTemplates, ruleActions } from './types';
export type * from './types';
