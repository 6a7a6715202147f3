#!/usr/bin/env node
import "../dist/calm.mjs"
