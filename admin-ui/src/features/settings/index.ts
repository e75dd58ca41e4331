export { LimitsPage } from './LimitsPage';
export { MailPage } from './MailPage';
export { SuperusersPage } from './SuperusersPage';
