export { SetupGuide } from './SetupGuide';
export { SetupPage } from './SetupPage';
