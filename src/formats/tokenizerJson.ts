/** tokenizer.json and tokenizer_config.json: one token a word, words parted by blanks. */
import { PlaygroundError } from '../shared/errors';
import { toJsonBytes } from './folder';

/** Conversations are their messages' words in order, so every message ends with a blank. */
const CHAT_TEMPLATE = "{% for message in messages %}{{ message['content'] }} {% endfor %}";

/** @throws PlaygroundError 'bug' when a token could not be told from others. */
export function tokenizerFiles(
  vocabulary: readonly string[],
  pad: number,
  contextTokens: number,
): [string, Uint8Array<ArrayBuffer>][] {
  const ids = new Map(vocabulary.map((text, id) => [text, id]));
  const padText = vocabulary[pad];
  if (ids.size !== vocabulary.length || padText === undefined || ids.has('')) {
    throw new PlaygroundError('bug', 'A vocabulary needs distinct tokens, and its padding token.');
  }
  if (vocabulary.some((text) => /\s/.test(text))) {
    throw new PlaygroundError('bug', 'Tokens are words: none may hold white space.');
  }
  const padToken = {
    id: pad,
    content: padText,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  };
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [padToken],
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab: Object.fromEntries(ids), unk_token: padText },
  };
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    pad_token: padText,
    unk_token: padText,
    model_max_length: contextTokens,
    clean_up_tokenization_spaces: false,
    chat_template: CHAT_TEMPLATE,
  };
  return [
    ['tokenizer.json', toJsonBytes(tokenizer)],
    ['tokenizer_config.json', toJsonBytes(config)],
  ];
}
