import {describe, expect, test} from '@jest/globals'

import {configDigest, releaseManifest} from '../../../../src/lifecycle/deploy/steps/release-manifest.js'
import {type ManifestFile, releaseManifestSchema} from '../../../../src/domain/release-manifest.js'
import {check} from '../../../../src/domain/schema.js'
import {aRelease} from '../../../fakes/records.js'

describe('the manifest of a release', () => {
  test('says what it is made of, who made it, what was there before, and every file', () => {
    const files: ManifestFile[] = [
      {kind: 'file', path: 'Procfile', digest: 'b'.repeat(64), bytes: 3, executable: false},
    ]
    const release = aRelease({number: 42, environment: 'staging'})
    const manifest = releaseManifest(release, files, 41)

    expect(manifest).toEqual({
      v: 1,
      service: 'hello',
      release: 42,
      environment: 'staging',
      commit: release.commit,
      artifact: release.artifact,
      configDigest: configDigest(release),
      by: 'ada@laptop',
      createdAt: release.createdAt,
      parent: 41,
      files,
    })
    expect(check(releaseManifestSchema, manifest).ok).toBe(true)
  })

  test('has another digest for another config, and the same for the same in another order', () => {
    const secret = (sealed: string) => ({TOKEN: {sealed}}) as never
    const one = configDigest(aRelease({variables: {A: '1', B: '2'}, secrets: secret('x')}))
    expect(configDigest(aRelease({variables: {B: '2', A: '1'}, secrets: secret('x')}))).toBe(one)
    expect(configDigest(aRelease({variables: {A: '1', B: '3'}, secrets: secret('x')}))).not.toBe(one)
    expect(configDigest(aRelease({variables: {A: '1', B: '2'}, secrets: secret('y')}))).not.toBe(one)
    expect(configDigest(aRelease({variables: {A: '1', B: '2'}}))).not.toBe(one)
    expect(one).toMatch(/^[0-9a-f]{64}$/)
  })
})
