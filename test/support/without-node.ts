/** Runs the work as on a runtime that has WebCrypto only: what asks for a module of Node's meanwhile finds none. */
export async function withoutNode<Value>(work: () => Promise<Value>): Promise<Value> {
  const original = process.getBuiltinModule
  Reflect.set(process, 'getBuiltinModule', () => undefined)
  try {
    return await work()
  } finally {
    process.getBuiltinModule = original
  }
}
