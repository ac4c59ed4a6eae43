// Builds applications out of manifests with the real Express and the real packages, and tells what
// they answer. One line of JSON in, one line out; started by tests/express_truth/main.rs.
//
//   node server.js express4|express5
'use strict'

const http = require('http')
const readline = require('readline')
const path = require('path')

// The packages lie beside tests/, where `npm ci --prefix tests` puts them.
const load = name => require(require.resolve(name, { paths: [path.join(__dirname, '..')] }))

const express = load(process.argv[2])
const jwt = load('jsonwebtoken')
const SECRET = 'why403-secret-of-at-least-32-bytes'
const ISSUER = 'https://issuer.test/'
const AUDIENCE = 'why403'

// The same as in tests/express_truth/generator.rs, where tokens are made of it without a signature.
const claims = {
  sub: 'probe', iss: ISSUER, aud: AUDIENCE, scope: 'read', roles: ['user'], exp: 4102444800
}
const signed = (more, secret = SECRET) => jwt.sign({ ...claims, ...more }, secret)
const VALID = signed({})
const INVALID = signed({}, 'another-secret-of-at-least-32-bytes')

// The tokens of requests, and what stands for them there.
const tokens = new Map([[VALID, '<valid>'], [INVALID, '<invalid>']])

function sign (name, more) {
  const token = signed(JSON.parse(more))
  tokens.set(token, name)
  return token
}

// The claims of a token that was signed here and is valid.
function verified (token) {
  try { return jwt.verify(token, SECRET) } catch { return undefined }
}

const passport = new (load('passport').Passport)()
const { Strategy: JwtStrategy, ExtractJwt } = load('passport-jwt')
passport.use(new JwtStrategy({
  jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
  secretOrKey: SECRET
}, (claims, done) => done(null, claims)))
passport.use(new (load('passport-http-bearer').Strategy)(
  (token, done) => done(null, verified(token) ?? false)))
passport.use(new (load('passport-http').BasicStrategy)(
  (user, password, done) => done(null, user === 'probe' && password === 'probe' ? { id: 1 } : false)))
passport.use(new (load('passport-local').Strategy)(
  (user, password, done) => done(null, user === 'probe' && password === 'probe' ? { id: 1 } : false)))

// A server to which proxies send requests on: it tells what it was asked. Its name stands for
// whatever address it has.
const UPSTREAM = 'http://upstream.test'
let upstream
function echo (req, res) {
  const { authorization, 'x-service': service, 'x-forwarded-for': forwarded } = req.headers
  const known = text => text && [...tokens].reduce((text, [token, name]) => text.replace(token, name), text)
  const told = {
    path: req.url,
    host: req.headers.host.replace(upstream.replace('http://', ''), 'upstream.test').replace(/^127\.0\.0\.1:\d+$/, '<client>'),
    authorization: known(authorization),
    'x-service': known(service),
    'x-forwarded-for': forwarded
  }
  res.setHeader('x-echo', encodeURIComponent(JSON.stringify(told)))
  if (req.headers['x-upstream-cors']) res.setHeader('Access-Control-Allow-Origin', 'https://upstream.test')
  res.end('{}')
}

// JSON has no word for some values of JavaScript.
function revive (value) {
  if (Array.isArray(value)) return value.map(revive)
  if (typeof value === 'string') return value.replace(UPSTREAM, upstream)
  if (value === null || typeof value !== 'object') return value
  if ('$regex' in value) return new RegExp(value.$regex, value.flags || '')
  // eslint-disable-next-line no-eval
  if ('$fn' in value) return eval(`(${value.$fn})`)
  if ('$undefined' in value) return undefined
  if ('$env' in value) return process.env[value.$env] ?? revive(value.default)
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, revive(one)]))
}

const packages = {
  cors: options => load('cors')(options),
  helmet: () => load('helmet')(),
  'express:json': () => express.json(),
  'cookie-parser': () => load('cookie-parser')(),
  'express-session': () => load('express-session')({
    secret: SECRET, resave: false, saveUninitialized: false
  }),
  'cookie-session': () => load('cookie-session')({ keys: [SECRET] }),
  'express:static': options => express.static(path.join(__dirname, 'files'), options),
  'http-proxy-middleware@2': (...args) => {
    const quiet = { logLevel: 'silent' }
    const last = args.at(-1)
    const rest = typeof last === 'object' && !Array.isArray(last) ? [...args.slice(0, -1), { ...last, ...quiet }] : [...args, quiet]
    return load('http-proxy-middleware2').createProxyMiddleware(...rest)
  },
  'http-proxy-middleware@3': options => load('http-proxy-middleware3').createProxyMiddleware(options),
  'express-http-proxy': (host, options) => load('express-http-proxy')(host, options),
  'express-jwt': (options = {}) => {
    const { unless, ...rest } = options
    const made = load('express-jwt').expressjwt({ secret: SECRET, algorithms: ['HS256'], ...rest })
    return unless ? made.unless(unless) : made
  },
  'express-oauth2-jwt-bearer:auth': options => load('express-oauth2-jwt-bearer').auth({
    secret: SECRET, issuer: ISSUER, audience: AUDIENCE, tokenSigningAlg: 'HS256', ...options
  }),
  'express-oauth2-jwt-bearer:requiredScopes': (...args) =>
    load('express-oauth2-jwt-bearer').requiredScopes(...args),
  'express-oauth2-jwt-bearer:scopeIncludesAny': (...args) =>
    load('express-oauth2-jwt-bearer').scopeIncludesAny(...args),
  'express-oauth2-jwt-bearer:claimIncludes': (...args) =>
    load('express-oauth2-jwt-bearer').claimIncludes(...args),
  'express-oauth2-jwt-bearer:claimEquals': (...args) =>
    load('express-oauth2-jwt-bearer').claimEquals(...args),
  'express-jwt-authz': (...args) => load('express-jwt-authz')(...args),
  'express-jwt-permissions:check': (wanted, options) =>
    load('express-jwt-permissions')(options).check(wanted),
  'express-basic-auth': options => load('express-basic-auth')({ users: { probe: 'probe' }, ...options }),
  'passport:authenticate': (strategy, options) =>
    passport.authenticate(strategy, { session: false, ...options }),
  'express-rate-limit': options => load('express-rate-limit').rateLimit({
    windowMs: 60000, validate: false, ...(options?.max === undefined && { limit: 100000 }), ...options
  }),
  'express-ipfilter': (ips, options) => load('express-ipfilter').IpFilter(ips, { log: false, ...options }),
  csurf: options => load('csurf')(options),
  'csrf-csrf': () => load('csrf-csrf').doubleCsrf({
    getSecret: () => SECRET, getSessionIdentifier: () => 'one'
  }).doubleCsrfProtection,
  'csrf-sync': () => load('csrf-sync').csrfSync().csrfSynchronisedProtection,
  'lusca:csrf': () => load('lusca').csrf()
}

// Hand-written middleware, as people write it.
const inline = {
  handler: () => (req, res) => res.status(200).json({ ok: true }),
  passes: ({ puts = [] } = {}) => (req, res, next) => {
    const token = (req.headers.authorization || '').split(' ').pop()
    for (const name of puts) req[name] = jwt.decode(token) ?? {}
    next()
  },
  bearer: ({ compares, skipsOptions, status = 401, byError } = {}) => (req, res, next) => {
    if (skipsOptions && req.method === 'OPTIONS') return next()
    const header = req.headers.authorization || ''
    const token = {
      exact: () => header.startsWith('Bearer ') ? header.slice(7) : undefined,
      'second-word': () => header.split(' ')[1],
      any: () => header
    }[compares] || (() => /^Bearer /i.test(header) ? header.slice(7) : undefined)
    const found = token()
    const claims = found && verified(found.split(' ').pop())
    if (claims) {
      // Where any check finds it.
      req.user = { ...claims, payload: claims }
      req.auth = req.user
      return next()
    }
    return refuse(res, next, status, byError)
  },
  'api-key': ({ header = 'x-api-key', skipsOptions, status = 401, byError } = {}) => (req, res, next) => {
    if (skipsOptions && req.method === 'OPTIONS') return next()
    if (req.headers[header] === VALID) return next()
    return refuse(res, next, status, byError)
  },
  // Whoever was recognised, by whichever library.
  roles: ({ anyOf = [], allOf = [], from = 'roles', anonymous, status = 403, byError } = {}) => (req, res, next) => {
    const user = req.user ?? req.account ?? req.auth?.payload ?? req.auth
    if (!user) return refuse(res, next, anonymous ?? status, byError)
    const has = [user[from] ?? []].flat().flatMap(one => one.split(' '))
    const any = anyOf.some(one => has.includes(one)) || (allOf.length > 0 && allOf.every(one => has.includes(one)))
    return any ? next() : refuse(res, next, status, byError)
  },
  headers: ({ set = {}, endsOptions } = {}) => (req, res, next) => {
    for (const [name, value] of Object.entries(set)) {
      if (value && typeof value === 'object') {
        const copied = req.headers[value.$request]
        if (copied !== undefined) res.setHeader(name, copied)
      } else {
        res.setHeader(name, String(value))
      }
    }
    if (endsOptions && req.method === 'OPTIONS') return res.sendStatus(endsOptions)
    next()
  },
  'ip-allow': ({ ips = [], from, status = 403, byError } = {}) => (req, res, next) => {
    const address = {
      socket: () => req.socket.remoteAddress,
      'x-forwarded-for': () => req.headers['x-forwarded-for']?.split(',')[0].trim() ?? req.socket.remoteAddress
    }[from] || (() => req.ip)
    if (ips.includes(address())) return next()
    return refuse(res, next, status, byError)
  },
  'error-handler': ({ status } = {}) => (error, req, res, next) =>
    res.status(status || error.status || error.statusCode || (res.statusCode >= 400 ? res.statusCode : 500)).json({ error: error.message })
}

function refuse (res, next, status, byError) {
  if (byError) return next(Object.assign(new Error('refused'), { status }))
  res.status(status).json({ error: 'refused' })
}

function layer (entry, named) {
  if (typeof entry === 'string') entry = { use: entry }
  const name = entry.use ?? entry.error
  const args = entry.args ?? (entry.with === undefined ? [] : [entry.with])
  if (args.length === 0 && named[name]) return layer(named[name], named)
  if (entry.behaves) return inline[entry.behaves.as.replace('inline:', '')](revive(entry.behaves.with))
  const make = name.startsWith('inline:') ? inline[name.slice(7)] : packages[name] ?? packages[name.replace('@8', '')]
  if (!make) throw new Error(`no middleware ${name}`)
  return make(...args.map(revive))
}

function register (router, stack, named) {
  for (const item of stack) {
    if (item.route) {
      const [methods, at] = item.route.split(' ')
      const chain = item.chain.map(one => layer(one, named))
      if (methods === 'ALL') router.all(at, ...chain)
      else {
        const route = router.route(at)
        for (const method of methods.split(',')) route[method.toLowerCase()](...chain)
      }
    } else if (item.router) {
      const inner = express.Router(item.router.options)
      register(inner, item.router.before ?? [], named)
      register(inner, item.router.stack, named)
      router.use(item.router.at ?? '/', inner)
    } else {
      // A text has an `at` of its own.
      router.use((typeof item === 'object' && item.at) || '/', layer(item, named))
    }
  }
}

function build (manifest) {
  const app = express()
  // Errors without a stack, as in production.
  app.set('env', 'test')
  for (const [name, value] of Object.entries(manifest.settings ?? {})) app.set(name, revive(value))
  register(app, manifest.stack, manifest.middleware ?? {})
  return app
}

function ask (port, request) {
  return new Promise(resolve => {
    const headers = Object.fromEntries(request.headers.map(([name, value]) =>
      [name, value.replace('<valid>', VALID).replace('<invalid>', INVALID)
        .replace(/<token:(.*)>/, sign)]))
    const sent = http.request({
      host: '127.0.0.1', port, method: request.method, path: request.path, headers,
      localAddress: request.from, agent: false
    }, answer => {
      answer.resume()
      const echoed = answer.headers['x-echo']
      if (echoed) answer.headers['x-echo'] = decodeURIComponent(echoed)
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers }))
    })
    sent.setTimeout(5000, () => { sent.destroy(); resolve({ status: 0, headers: {} }) })
    sent.on('error', error => resolve({ status: -1, headers: {}, error: error.message }))
    sent.end()
  })
}

async function answer ({ manifest, requests }) {
  let app
  try {
    app = build(manifest)
  } catch (error) {
    return { refused: String(error.message) }
  }
  const host = (manifest.network?.listen ?? '::').replace(/:\d+$/, '')
  const server = http.createServer(app)
  await new Promise(resolve => server.listen(0, host, resolve))
  const answers = []
  for (const request of requests) answers.push(await ask(server.address().port, request))
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  return { answers }
}

process.on('unhandledRejection', () => {})

const lines = readline.createInterface({ input: process.stdin })
let last = new Promise(resolve => {
  const server = http.createServer(echo).listen(0, '127.0.0.1', () => {
    upstream = `http://127.0.0.1:${server.address().port}`
    resolve()
  })
})
lines.on('line', line => {
  last = last.then(async () => {
    const said = await answer(JSON.parse(line))
    process.stdout.write(JSON.stringify(said) + '\n')
  })
})
