// Loaded by mocha before dynalite's tests: whatever they ask of the dynalite that they start goes to the
// server that KLESS_ENDPOINT names, and each test's outcome goes to KLESS_OUTCOMES, an object a line.
'use strict'
const fs = require('fs')
const http = require('http')
const Module = require('module')
const path = require('path')

const endpoint = new URL(process.env.KLESS_ENDPOINT)
const outcomes = process.env.KLESS_OUTCOMES
const ports = new Set()

const standIn = () => {
  let port
  return {
    listen (wanted, callback) {
      port = wanted
      ports.add(port)
      setImmediate(callback)
    },
    close (callback) {
      ports.delete(port)
      if (callback) setImmediate(callback)
    },
  }
}

const load = Module._load
Module._load = function (name, parent, ...rest) {
  const fromTests = parent && path.basename(path.dirname(parent.filename || '')) === 'test'
  if (fromTests && name === '..') return standIn
  // Sizes of items, which a test computes by dynalite's own code.
  return load.call(this, fromTests && name === '../db' ? 'dynalite/db' : name, parent, ...rest)
}

const request = http.request
http.request = function (options, ...rest) {
  if (ports.has(options.port)) options = { ...options, host: endpoint.hostname, port: endpoint.port }
  return request.call(this, options, ...rest)
}

exports.mochaHooks = {
  afterEach () {
    const test = this.currentTest
    const row = {
      id: `${path.basename(test.file)}: ${test.titlePath().join(' > ')}`,
      outcome: test.state === 'passed' ? 'passed' : test.isPending() ? 'skipped' : 'failed',
      seconds: (test.duration || 0) / 1000,
    }
    if (test.err) row.reason = String(test.err.message).slice(0, 1500)
    fs.appendFileSync(outcomes, JSON.stringify(row) + '\n')
  },
}
