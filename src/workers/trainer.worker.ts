import { expose } from 'comlink';
import { createTrainerApi } from './trainerApi';

expose(createTrainerApi(navigator.gpu));
