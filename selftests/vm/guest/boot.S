/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * boot.S - a guest that is one boot sector, on the disk that is passed through
 *
 * The firmware's driver of the disk fetches it, so that it runs shows a read. It
 * writes a copy of itself to sector 1. Then for each byte on the first serial port
 * it writes that byte to register 0xc0 of the device at 00:03.0, where an NVMe disk
 * of QEMU has no capability. What it says goes to port 0xe9: "d" when the disk has
 * taken the write, or "!", and "w" after each write to config space.
 */
	.code16
	.text
	.globl	_start
_start:
	ljmp	$0, $1f
1:	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$0x7c00, %sp

	/* BIOS: extended write; %dl has the disk that was booted from. */
	movw	$packet, %si
	movw	$0x4300, %ax
	int	$0x13
	movb	$'d', %al
	jnc	2f
	movb	$'!', %al
2:	outb	%al, $0xe9

attack:
	movw	$0x3fd, %dx
	inb	%dx, %al
	testb	$1, %al
	jz	attack
	movw	$0x3f8, %dx
	inb	%dx, %al
	movzbl	%al, %ebx
	movl	$(0x80000000 | 3 << 11 | 0xc0), %eax
	movw	$0xcf8, %dx
	outl	%eax, %dx
	movl	%ebx, %eax
	movw	$0xcfc, %dx
	outl	%eax, %dx
	movb	$'w', %al
	outb	%al, $0xe9
	jmp	attack

	.balign	4
packet:
	.byte	16, 0
	.word	1		/* sectors */
	.word	0x7c00, 0	/* from here */
	.quad	1		/* to sector 1 */

	.org	510
	.word	0xaa55
