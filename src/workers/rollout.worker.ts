import { expose } from 'comlink';
import { createRolloutApi } from './rolloutApi';

expose(createRolloutApi(navigator.gpu));
