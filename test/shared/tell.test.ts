import { describe, expect, it, vi } from 'vitest'
import { tell } from '../../src/shared/tell.js'

describe('tell', () => {
  it('hands the event to the listener at once', () => {
    const heard: string[] = []
    tell((event: string) => heard.push(event), 'said')
    expect(heard).toEqual(['said'])
  })

  it('does nothing where nobody listens', () => {
    expect(() => tell(undefined, 'said')).not.toThrow()
    expect(() => tell(null, 'said')).not.toThrow()
  })

  it('drops what a listener throws', () => {
    const listener = vi.fn(() => {
      throw new Error('mine')
    })
    expect(() => tell(listener, 'said')).not.toThrow()
    expect(listener).toHaveBeenCalledOnce()
  })

  it('drops what a listener rejects with, which would end the process', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    try {
      tell(async () => {
        throw new Error('mine')
      }, 'said')
      await new Promise((resolve) => setImmediate(resolve))
      expect(unhandled).not.toHaveBeenCalled()
    } finally {
      process.off('unhandledRejection', unhandled)
    }
  })
})
