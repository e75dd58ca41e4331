export { ForgottenPasswordPage } from './ForgottenPasswordPage';
export { LoginPage } from './LoginPage';
