import { defineConfig } from 'vite'

export default defineConfig({
  base: './',
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // One script: what viem loads only when a call fails could not be loaded when there is no network.
    rolldownOptions: { output: { codeSplitting: false } },
  },
})
