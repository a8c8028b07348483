import { expose } from 'comlink';
import { createTheoryApi } from './theoryApi';

expose(createTheoryApi(navigator.gpu));
