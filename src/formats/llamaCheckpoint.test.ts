import { describe, expect, it } from 'vitest';
import { RunConfig, type ModelConfig } from '../config/runConfig';
import { rng } from '../shared/rng';
import { toJsonBytes } from './folder';
import { encodeLlamaFolder, parseLlamaFolder, type LlamaModel } from './llamaCheckpoint';
import { llamaTensorShapes } from './llamaConfig';
import { encodeSafetensors, parseSafetensors, type SafeTensors } from './safetensors';
import { trainerState } from './trainerState';

const CONFIG = RunConfig.parse({
  seed: 5,
  model: { layers: 2, channels: 32, heads: 4, kvHeads: 2, mlp: 48, ropeBase: 500 },
});
const VOCABULARY = ['0', '1', '+', '=', '.', 'NO', 'PAD'];

function randomTensors(model: ModelConfig, seed: number): SafeTensors {
  const random = rng(seed);
  return new Map(
    [...llamaTensorShapes(model, VOCABULARY.length)].map(([name, shape]) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, data: Float32Array.from({ length }, random.normal) }];
    }),
  );
}

const llama = (model: ModelConfig = CONFIG.model): LlamaModel => ({
  model,
  vocabulary: VOCABULARY,
  pad: 6,
  contextTokens: 20,
  answerTokens: 3,
  tensors: randomTensors(model, 1),
});
const TRAINING = {
  expAvg: randomTensors(CONFIG.model, 2),
  expAvgSq: randomTensors(CONFIG.model, 3),
  state: trainerState(CONFIG, 32),
};

const jsonOf = (files: ReadonlyMap<string, Uint8Array>, name: string): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(files.get(name))) as Record<string, unknown>;

/** The folder with one JSON file changed; undefined removes a key. */
function edited(name: string, change: Record<string, unknown>): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>(encodeLlamaFolder(llama(), TRAINING));
  return files.set(name, toJsonBytes({ ...jsonOf(files, name), ...change }));
}

const refused = (message: RegExp, code = 'file-invalid'): Error =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

describe('round trip', () => {
  it('keeps model, weights, moments and state', () => {
    const loaded = parseLlamaFolder(encodeLlamaFolder(llama(), TRAINING));
    expect(loaded).toEqual({
      model: CONFIG.model,
      vocabularySize: 7,
      tensors: llama().tensors,
      training: TRAINING,
      nonFinite: [],
    });
  });

  it('has an untied head as a tensor of its own', () => {
    const untied = llama({ ...CONFIG.model, tiedHead: false });
    const loaded = parseLlamaFolder(encodeLlamaFolder(untied));
    expect(loaded.model.tiedHead).toBe(false);
    expect(loaded.tensors.get('lm_head.weight')?.shape).toEqual([7, 32]);
    expect(loaded.training).toBeUndefined();
    expect(llama().tensors.has('lm_head.weight')).toBe(false);
  });

  it('writes what Hugging Face reads', () => {
    const files = encodeLlamaFolder(llama());
    expect([...files.keys()]).toEqual([
      ...['config.json', 'generation_config.json', 'model.safetensors'],
      ...['tokenizer.json', 'tokenizer_config.json'],
    ]);
    expect(jsonOf(files, 'config.json')).toMatchObject({
      architectures: ['LlamaForCausalLM'],
      hidden_size: 32,
      num_key_value_heads: 2,
      head_dim: 8,
      rope_theta: 500,
      tie_word_embeddings: true,
      eos_token_id: null,
      pad_token_id: 6,
    });
    expect(jsonOf(files, 'tokenizer.json')).toMatchObject({
      pre_tokenizer: { type: 'WhitespaceSplit' },
      model: { type: 'WordLevel', vocab: { '0': 0, '+': 2, PAD: 6 } },
    });
  });

  it('says which token ends an answer, where one does', () => {
    const files = encodeLlamaFolder({ ...llama(), endToken: 4 });
    for (const name of ['config.json', 'generation_config.json']) {
      expect(jsonOf(files, name)).toMatchObject({ eos_token_id: 4, pad_token_id: 6 });
    }
  });

  it('reads configurations of other writers', () => {
    const change = {
      head_dim: undefined,
      rope_theta: undefined,
      rope_parameters: { rope_type: 'default', rope_theta: 1234 },
      transformers_version: '5.0.0',
    };
    expect(parseLlamaFolder(edited('config.json', change)).model.ropeBase).toBe(1234);
  });

  it('names tensors that hold NaN or infinity', () => {
    const broken = llama();
    broken.tensors.get('model.norm.weight')!.data[3] = NaN;
    broken.tensors.get('model.layers.1.mlp.up_proj.weight')!.data[0] = -Infinity;
    expect(parseLlamaFolder(encodeLlamaFolder(broken)).nonFinite).toEqual([
      'model.layers.1.mlp.up_proj.weight',
      'model.norm.weight',
    ]);
  });
});

describe('refuses', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['config.json', { model_type: 'gpt2' }, /config\.json:\d+: field model_type: /],
    ['config.json', { vocab_size: 0 }, /vocab_size/],
    ['config.json', { hidden_size: 30 }, /field hidden_size: /],
    ['config.json', { hidden_size: 1e9 }, /field hidden_size: /],
    ['config.json', { num_attention_heads: 8 }, /width must be a multiple of 8 × heads/],
    ['config.json', { num_hidden_layers: '2' }, /num_hidden_layers/],
    ['config.json', { num_key_value_heads: 3 }, /heads must be a multiple of KV heads/],
    ['config.json', { head_dim: 16 }, /head_dim: 16 × 4 heads is not hidden_size 32/],
    ['config.json', { hidden_act: 'gelu' }, /hidden_act/],
    ['config.json', { attention_bias: true }, /attention_bias/],
    ['config.json', { rms_norm_eps: 1e-6 }, /rms_norm_eps/],
    ['config.json', { rope_scaling: { rope_type: 'llama3', factor: 8 } }, /rope_scaling/],
    ['trainer_state.json', { step: -1 }, /^trainer_state\.json:3: field step/],
    ['trainer_state.json', { version: 2 }, /^trainer_state\.json:2: field version/],
    ['trainer_state.json', { config: { drift: { beta: 0 } } }, /config\.drift\.beta/],
    ['trainer_state.json', { extra: 1 }, /field extra: is not known here/],
  ])('%s with %j', (name, change, message) => {
    expect(() => parseLlamaFolder(edited(name, change))).toThrow(refused(message));
  });

  it('another shape, naming both', () => {
    expect(() => parseLlamaFolder(edited('config.json', { intermediate_size: 64 }))).toThrow(
      refused(
        /model\.layers\.0\.mlp\.gate_proj\.weight is \[48,32\], but config\.json makes it \[64,32\]\.$/,
        'shape-mismatch',
      ),
    );
  });

  it.each(['config.json', 'model.safetensors', 'optimizer.safetensors'])('no %s', (name) => {
    const files = new Map(encodeLlamaFolder(llama(), TRAINING));
    files.delete(name);
    expect(() => parseLlamaFolder(files)).toThrow(refused(new RegExp(`has no ${name}`)));
  });

  it('missing and surplus tensors', () => {
    const files = new Map<string, Uint8Array>(encodeLlamaFolder(llama(), TRAINING));
    const { tensors } = parseSafetensors(files.get('model.safetensors')!, 'x');
    const fewer = new Map([...tensors].filter(([name]) => name !== 'model.norm.weight'));
    files.set('model.safetensors', encodeSafetensors(fewer));
    expect(() => parseLlamaFolder(files)).toThrow(refused(/lacks the tensor model\.norm\.weight/));
    const norm = tensors.get('model.norm.weight')!;
    files.set(
      'model.safetensors',
      encodeSafetensors(new Map([...tensors, ['lm_head.bias', norm]])),
    );
    expect(() => parseLlamaFolder(files)).toThrow(refused(/holds lm_head\.bias, which is no/));
    const optimizer = parseSafetensors(files.get('optimizer.safetensors')!, 'x').tensors;
    files.set('model.safetensors', encodeSafetensors(tensors));
    files.set('optimizer.safetensors', encodeSafetensors(new Map([...optimizer, ['step', norm]])));
    expect(() => parseLlamaFolder(files)).toThrow(refused(/neither exp_avg nor exp_avg_sq/));
  });

  it('JSON that is broken, repeats a key, or is too large', () => {
    const withConfig = (text: string): Map<string, Uint8Array> =>
      new Map(encodeLlamaFolder(llama())).set('config.json', new TextEncoder().encode(text));
    expect(() => parseLlamaFolder(withConfig('{\n'))).toThrow(refused(/config\.json:2: not JSON/));
    expect(() => parseLlamaFolder(withConfig('{"a":1,"a":2}'))).toThrow(
      refused(/:1: field a: given twice/),
    );
    expect(() => parseLlamaFolder(withConfig(' '.repeat(2 ** 20 + 1)))).toThrow(refused(/1 MB/));
    expect(() => parseLlamaFolder(withConfig('[]'))).toThrow(refused(/config\.json:1: /));
  });

  it('split models, with what to do', () => {
    const files = new Map<string, Uint8Array>(encodeLlamaFolder(llama()));
    files.delete('model.safetensors');
    files.set('model.safetensors.index.json', new Uint8Array());
    expect(() => parseLlamaFolder(files)).toThrow(refused(/one model\.safetensors\.$/));
  });

  it('to write tensors that are not the model’s, or tokens that cannot be told apart', () => {
    const wrong = { ...llama(), model: { ...CONFIG.model, mlp: 64 } };
    expect(() => encodeLlamaFolder(wrong)).toThrow(refused(/\[48,32\]/, 'shape-mismatch'));
    for (const vocabulary of [VOCABULARY.with(1, '0'), VOCABULARY.with(1, 'a b')]) {
      expect(() => encodeLlamaFolder({ ...llama(), vocabulary })).toThrow(refused(/./, 'bug'));
    }
  });
});
