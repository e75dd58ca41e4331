export { LoginPage } from './LoginPage';
export { safeNext } from './nextRoute';
