package io.postern.mls.group;

import io.postern.mls.schedule.SecretTree;

/** An epoch as it begins, with ratchets that nobody has used. */
record EpochStart(Epoch epoch, SecretTree ratchets) {}
