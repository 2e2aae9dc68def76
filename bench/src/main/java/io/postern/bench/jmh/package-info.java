/** JMH benchmarks of what every mail and message goes through. docs/performance.md */
package io.postern.bench.jmh;
