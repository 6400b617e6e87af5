/** `npm start`: reads the environment and listens. If anything is missing or wrong, it says what, and does not start. */
import * as z from 'zod'
import { createApp, Environment } from './app.js'

const read = Environment.safeParse(process.env)
if (!read.success) {
  throw new Error(`The environment is incomplete; see README.md.\n${z.prettifyError(read.error)}`)
}

const { PORT } = read.data
createApp(read.data).listen(PORT, (error) => {
  if (error) throw error // Express 5 hands it over: the port is taken, for one
  console.log(`Listening on http://localhost:${PORT}`)
})
