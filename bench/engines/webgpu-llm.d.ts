/** What the benchmark uses of webgpu-llm, whose own types name methods that it has not (0.1.0). */
declare module 'webgpu-llm' {
  export class LLMEngine {
    readonly device: GPUDevice;
    /** Opens a device on the adapter of `navigator.gpu` and compiles every kernel. */
    init(): Promise<this>;
  }

  export interface Shape {
    readonly d_model: number;
    readonly n_layers: number;
    readonly n_heads: number;
    readonly n_kv_heads: number;
    readonly head_dim: number;
    readonly kv_dim: number;
    readonly d_ff: number;
    readonly activation: 'swiglu';
    readonly vocab_size: number;
    readonly seq_len: number; // tokens of a window
    readonly rms_eps: number;
  }

  export interface Rules {
    readonly lr: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly weight_decay: number;
    readonly adam_eps: number;
    readonly grad_clip: number;
  }

  export class Model {
    constructor(engine: LLMEngine, shape: Shape);
    allocate(): void;
    allocActivations(): void;
    allocBackward(): void;
    allocKVCache(): void;
    importWeights(tensors: readonly { name: string; data: Float32Array }[]): void;
    /** @param starts of every token, the first index of its sequence in the window */
    forwardLoss(tokens: Uint32Array, targets: Uint32Array, starts: Uint32Array): Promise<number>;
    backward(tokens: Uint32Array, accumulate: boolean): Promise<void>;
    step(rules: Rules, windows: number): Promise<void>;
    /** Logits of the token after `token`, which is at `position` of the one cached sequence. */
    decodeOne(token: number, position: number): Promise<Float32Array>;
    destroy(): void;
  }
}
