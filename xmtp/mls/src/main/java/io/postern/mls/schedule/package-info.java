/** Key schedule, transcript, secret tree: RFC 9420 §8, §9. */
package io.postern.mls.schedule;
